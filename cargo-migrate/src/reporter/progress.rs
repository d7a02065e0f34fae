//! What moves on a terminal while a run works.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A line with what is going on and for how long; nothing where there is no terminal.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(visible: bool) -> Self {
        if !visible {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner:.green} {wide_msg} {elapsed:>4}")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// What is going on now.
    pub(super) fn show(&self, message: String) {
        self.0.set_message(message);
    }

    /// Prints something above the line.
    pub(super) fn above(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
