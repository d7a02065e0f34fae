//! Ctrl-C and SIGTERM: the first asks the run to stop, the second ends the process.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::TERM_SIGNALS;
use signal_hook::flag;

use crate::failure::Failure;

/// The flag that the first signal sets.
///
/// # Errors
/// When the handlers cannot be installed.
pub(crate) fn stop_flag() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in TERM_SIGNALS {
        // Checked before it is set: the first signal passes, the second finds it set.
        flag::register_conditional_shutdown(*signal, 1, Arc::clone(&stop))
            .and_then(|_| flag::register(*signal, Arc::clone(&stop)))
            .map_err(|error| Failure::new(format!("cannot handle signals: {error}")))?;
    }
    Ok(stop)
}
