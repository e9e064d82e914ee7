//! What proves to a sink that it is us.
