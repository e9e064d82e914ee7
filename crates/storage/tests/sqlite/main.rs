//! The contract suites on the embedded adapter, with recent records in memory and with every read from the file; and
//! the stored forms of its files.

mod audience;
mod audience_copies;
mod backups;
mod compaction;
mod damage;
mod feeds;
mod files;
mod generations;
mod harness;
mod inbox;
mod purges;
mod shares;
mod stored;
mod stored_audience;
mod trail;

use harness::InDirectory;

mod log_in_memory {
    storage::log_suite!(crate::InDirectory::new(16 << 20));
}

mod log_on_disk {
    storage::log_suite!(crate::InDirectory::new(0));
}

mod control {
    storage::control_suite!(crate::InDirectory::new(0));
}

mod audit_trail {
    storage::audit_suite!(crate::InDirectory::new(0));
}

mod progress {
    storage::progress_suite!(crate::InDirectory::new(0));
}

mod journal {
    storage::journal_suite!(crate::InDirectory::new(0));
}
