//! The pages: one file or folder each.

pub mod about;
pub mod applicaties;
pub mod approvals;
pub mod assets;
pub mod audit;
pub mod configuration;
pub mod dead_letters;
pub mod events;
pub mod kanalen;
mod lag;
pub mod live;
pub mod log_in;
pub mod log_out;
pub mod login_link;
pub mod overview;
pub mod portal;
pub mod provider;
pub mod publish;
pub mod receiver_report;
pub mod runs;
pub mod search;
pub mod sessions;
pub mod subscriptions;
pub mod system;
pub mod to_people;
mod traffic;
pub mod types;
