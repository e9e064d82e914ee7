//! The mark of answers that go on for as long as the client reads them.

/// Marks an answer, in its extensions, that has no end of its own: the client must keep taking what is sent, and need not have taken
/// all of it within a time.
#[derive(Debug, Clone, Copy)]
pub struct Streaming;
