//! `/livez`, `/readyz`, `/metrics`: for whoever runs the gateway.
