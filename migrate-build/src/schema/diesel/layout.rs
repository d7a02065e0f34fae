//! Lines, laid out as `rustfmt` does by default: Diesel's command line runs it over what it prints.

/// How wide a line may be.
const MAX_WIDTH: usize = 100;

/// Lines of text, each as deep as what it stands in.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    depth: usize,
}

impl Lines {
    pub(super) fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.push_str(&"    ".repeat(self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    pub(super) fn open(&mut self, line: &str) {
        self.line(line);
        self.depth += 1;
    }

    pub(super) fn close(&mut self, line: &str) {
        self.depth -= 1;
        self.line(line);
    }

    /// One empty line, unless something was opened in the last.
    pub(super) fn gap(&mut self) {
        if !self.text.ends_with("\n\n") && !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
    }

    /// A macro with these arguments: in one line, if that is wide enough.
    pub(super) fn call(&mut self, name: &str, arguments: &[&str]) {
        let line = format!("{name}!({},);", arguments.join(", "));
        // The semicolon does not count.
        if self.depth * 4 + line.chars().count() - 1 <= MAX_WIDTH {
            return self.line(&line);
        }
        self.open(&format!("{name}!("));
        for argument in arguments {
            self.line(&format!("{argument},"));
        }
        self.close(");");
    }

    pub(super) fn finish(self) -> String {
        format!("{}\n", self.text.trim_end())
    }
}
