//! Tests of the machine, by table.
