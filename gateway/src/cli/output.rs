//! What commands print. A reader who has seen enough (`gateway … | head`) is no error: what it no longer reads is dropped, and the
//! command goes on to its end, since it may be changing something.

use std::{
    fmt::Arguments,
    io::{self, Write},
};

/// Prints to standard output.
pub fn print(text: Arguments<'_>) {
    let mut output = io::stdout().lock();
    // Nobody reads it.
    drop(output.write_fmt(text).and_then(|()| output.flush()));
}

/// Prints a line to standard output; false when nobody reads it.
pub fn print_line(text: Arguments<'_>) -> bool {
    let mut output = io::stdout().lock();
    output.write_fmt(format_args!("{text}\n")).and_then(|()| output.flush()).is_ok()
}

/// Prints a line to standard error.
pub fn print_error(text: Arguments<'_>) {
    // There is nowhere to report that it failed.
    drop(io::stderr().lock().write_fmt(format_args!("{text}\n")));
}

/// Prints to standard output, as `print!`, without a panic.
macro_rules! out {
    ($($text:tt)*) => { $crate::cli::output::print(format_args!($($text)*)) };
}

/// Prints a line to standard output, as `println!`, without a panic.
macro_rules! outln {
    () => { $crate::cli::output::print(format_args!("\n")) };
    ($($text:tt)*) => { $crate::cli::output::print(format_args!("{}\n", format_args!($($text)*))) };
}

/// Prints a line to standard error, as `eprintln!`, without a panic.
macro_rules! errln {
    ($($text:tt)*) => { $crate::cli::output::print_error(format_args!($($text)*)) };
}

pub(crate) use {errln, out, outln};
