//! `POST /v1/events`: CloudEvents in, in three modes.
