//! Who is logged in, ending sessions, and the overview of roles for a review.

mod end;
mod list;
mod roles;

pub use self::{
    end::{everything as end_all, one as end},
    list::handler as list,
    roles::handler as roles,
};

/// The path of the list.
pub const PATH: &str = "/beheer/sessies";

/// The path of the overview of roles.
pub const ROLES: &str = "/beheer/sessies/rollen.csv";
