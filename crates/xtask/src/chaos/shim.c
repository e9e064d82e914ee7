/* Faults of the disk and of the clock for a program that is started with this library preloaded. Its faults are read from a
 * file that the tool maps and writes: no call of the program asks for them.
 *
 * Only regular files count, and none of the first three descriptors: the log of the program is written as always. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WELL = 0, FULL = 1, BROKEN = 2, SLOW = 3 };

/* The layout of the file; `shim.rs` writes it. */
struct control {
    volatile int64_t clock_micros;
    volatile int32_t disk;
    volatile int32_t delay_micros;
};

static struct control none;
static struct control *control = &none;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("CHAOS_CONTROL");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) control = mapped;
    close(fd);
}

static int is_file(int fd) {
    struct stat found;
    return fd > 2 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
}

/* 0, or the error with which a write fails now. */
static int write_error(int fd) {
    int32_t disk = control->disk;
    if ((disk != FULL && disk != BROKEN) || !is_file(fd)) return 0;
    return disk == FULL ? ENOSPC : EIO;
}

static int sync_error(int fd) {
    int32_t disk = control->disk;
    if (disk == SLOW && is_file(fd)) usleep((useconds_t)control->delay_micros);
    return disk == BROKEN && is_file(fd) ? EIO : 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL(error) do { int reason = (error); if (reason) { errno = reason; return -1; } } while (0)

ssize_t write(int fd, const void *from, size_t bytes) {
    FAIL(write_error(fd));
    return REAL(write)(fd, from, bytes);
}

ssize_t pwrite(int fd, const void *from, size_t bytes, off_t at) {
    FAIL(write_error(fd));
    return REAL(pwrite)(fd, from, bytes, at);
}

ssize_t pwrite64(int fd, const void *from, size_t bytes, off64_t at) {
    FAIL(write_error(fd));
    return REAL(pwrite64)(fd, from, bytes, at);
}

ssize_t writev(int fd, const struct iovec *from, int parts) {
    FAIL(write_error(fd));
    return REAL(writev)(fd, from, parts);
}

int fsync(int fd) {
    FAIL(sync_error(fd));
    return REAL(fsync)(fd);
}

int fdatasync(int fd) {
    FAIL(sync_error(fd));
    return REAL(fdatasync)(fd);
}

int clock_gettime(clockid_t which, struct timespec *now) {
    if (syscall(SYS_clock_gettime, which, now) != 0) return -1;
    if (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE) {
        int64_t nanos = now->tv_nsec + control->clock_micros % 1000000 * 1000;
        now->tv_sec += control->clock_micros / 1000000 + (nanos >= 1000000000) - (nanos < 0);
        now->tv_nsec = nanos + (nanos < 0 ? 1000000000 : nanos >= 1000000000 ? -1000000000 : 0);
    }
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}
