//! Remarks of the NL GOV profile on a valid event: a list of findings, never an error.
