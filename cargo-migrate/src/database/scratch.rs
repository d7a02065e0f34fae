//! A database for a short time.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use super::{Address, Connection};
use crate::failure::Failure;

/// A new, empty database beside another one. It is dropped with the value.
pub(crate) struct Scratch {
    address: Box<dyn Address>,
    is_there: bool,
}

impl Scratch {
    /// Makes it beside the database at an address, which stays as it is.
    ///
    /// # Errors
    /// When the server cannot be reached, or does not let this user make a database.
    pub(crate) fn beside(address: &dyn Address) -> Result<Self, Failure> {
        // Keyed at random: nobody else has this name.
        let random = RandomState::new().build_hasher().finish();
        let address = address.beside(&format!("migrate_verify_{random:016x}"))?;
        Ok(Self { address, is_there: true })
    }

    /// Opens it.
    ///
    /// # Errors
    /// When that fails.
    pub(crate) fn open(&self) -> Result<Connection, Failure> {
        Ok(self.address.open()?)
    }

    /// Its address.
    pub(crate) fn address(&self) -> &dyn Address {
        &*self.address
    }

    /// Drops it.
    ///
    /// # Errors
    /// When it stays: its name is in the message.
    pub(crate) fn remove(mut self) -> Result<(), Failure> {
        self.is_there = false;
        self.address.remove()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.is_there {
            // Something else has failed, and is said.
            let _ = self.address.remove();
        }
    }
}
