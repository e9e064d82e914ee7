//! The parts of a list.

/// Its texts.
pub struct Texts {
    /// Before the numbers of rows to choose from.
    pub rows: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts { rows: "Rijen per pagina:" };

/// English.
pub const EN: Texts = Texts { rows: "Rows a page:" };
