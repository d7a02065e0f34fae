//! What a test run decides, as numbers that can be made smaller.

/// Numbers, one for each decision; behind the last, every decision is the first.
#[derive(Debug)]
pub struct Choices {
    numbers: Vec<u16>,
    at: usize,
}

impl Choices {
    /// Those that these numbers decide.
    #[must_use]
    pub fn new(numbers: Vec<u16>) -> Self {
        Self { numbers, at: 0 }
    }

    /// Whether a number is left.
    #[must_use]
    pub fn are_left(&self) -> bool {
        self.at < self.numbers.len()
    }

    /// One of so many.
    pub fn pick(&mut self, count: usize) -> usize {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(number) * count / (usize::from(u16::MAX) + 1)
    }

    /// One of these.
    pub fn of<'t>(&mut self, these: &[&'t str]) -> &'t str {
        these[self.pick(these.len())]
    }
}
