//! The client against a small scripted server on the loopback interface.

mod connections;
mod protection;
mod replies;
mod server;
