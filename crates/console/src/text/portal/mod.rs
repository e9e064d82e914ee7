//! The pages that only the portal has; one file per page.

pub mod catalogue;
pub mod create;
pub mod credential;
pub mod home;
pub mod own_kanalen;
pub mod recover;
pub mod test;

/// Their texts.
pub struct Texts {
    /// The first page.
    pub home: home::Texts,
    /// The catalogue.
    pub catalogue: catalogue::Texts,
    /// A new subscription.
    pub create: create::Texts,
    /// Recovery after an outage.
    pub recover: recover::Texts,
    /// Tests of a receiver.
    pub test: test::Texts,
    /// The credential of a subscription.
    pub credential: credential::Texts,
    /// The kanalen of a publisher.
    pub own_kanalen: own_kanalen::Texts,
}

/// Dutch.
pub const NL: Texts = Texts {
    home: home::NL,
    catalogue: catalogue::NL,
    create: create::NL,
    recover: recover::NL,
    test: test::NL,
    credential: credential::NL,
    own_kanalen: own_kanalen::NL,
};

/// English.
pub const EN: Texts = Texts {
    home: home::EN,
    catalogue: catalogue::EN,
    create: create::EN,
    recover: recover::EN,
    test: test::EN,
    credential: credential::EN,
    own_kanalen: own_kanalen::EN,
};
