//! Publishing: from bytes to a durable record.
