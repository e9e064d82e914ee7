//! Consent of subscribers: drives the handshake.
