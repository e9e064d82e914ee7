//! The driver of mailings on the embedded store, with a real SMTP server that refuses, hangs and dies.

mod collected;
mod crash;
mod obligatory;
mod paused;
mod replaced;
mod resend;
mod scheduled;
mod sms;
mod trouble;
mod wanted;
mod world;
