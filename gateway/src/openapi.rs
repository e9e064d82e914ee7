//! The OpenAPI document of the native API.
