//! migrate-build
