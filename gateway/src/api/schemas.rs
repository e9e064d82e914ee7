//! `GET /v1/schemas/{name}`: what the payload of an event looks like.
