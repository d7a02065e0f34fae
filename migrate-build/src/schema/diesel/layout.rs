//! Lines, laid out as `rustfmt` does by default: Diesel's command line runs it over what it prints.

/// How wide a line may be.
const MAX_WIDTH: usize = 100;
/// How wide the arguments are, at most, that share a line (`short_array_element_width_threshold`).
const SHORT: usize = 10;

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

    /// A macro with these arguments: in one line, if that is wide enough; else each in its own, unless
    /// all are short.
    pub(super) fn call(&mut self, name: &str, arguments: &[&str]) {
        let line = format!("{name}!({},);", arguments.join(", "));
        // The semicolon does not count.
        if self.depth * 4 + width(&line) - 1 <= MAX_WIDTH {
            return self.line(&line);
        }
        self.open(&format!("{name}!("));
        let are_short = arguments.iter().all(|argument| width(argument) <= SHORT);
        let mut line = String::new();
        for argument in arguments {
            let behind = if line.is_empty() { 0 } else { width(&line) + 1 };
            let is_full = self.depth * 4 + behind + width(argument) + 1 >= MAX_WIDTH;
            if !line.is_empty() && (!are_short || is_full) {
                self.line(&std::mem::take(&mut line));
            }
            let gap = if line.is_empty() { "" } else { " " };
            line += &format!("{gap}{argument},");
        }
        self.line(&line);
        self.close(");");
    }

    /// `#[derive(…)]`: in one line, else in one between, else each in its own.
    pub(super) fn derive(&mut self, traits: &[String]) {
        /// Measured, as the others.
        const ONE_LINE: usize = 96;
        let indent = self.depth * 4;
        let list = traits.join(", ");
        let line = format!("#[derive({list})]");
        if indent + width(&line) <= ONE_LINE {
            return self.line(&line);
        }
        self.open("#[derive(");
        if indent + 4 + width(&list) <= MAX_WIDTH {
            self.line(&format!("{list},"));
        } else {
            traits.iter().for_each(|one| self.line(&format!("{one},")));
        }
        self.close(")]");
    }

    /// `#[diesel(KIND(…))]`: in one line, else each property in its own.
    pub(super) fn attribute(&mut self, kind: &str, properties: &[String]) {
        const ONE_LINE: usize = 99;
        let line = format!("#[diesel({kind}({}))]", properties.join(", "));
        if self.depth * 4 + width(&line) <= ONE_LINE {
            return self.line(&line);
        }
        self.open(&format!("#[diesel({kind}("));
        for (at, property) in properties.iter().enumerate() {
            let comma = if at + 1 < properties.len() { "," } else { "" };
            self.line(&format!("{property}{comma}"));
        }
        self.close("))]");
    }

    pub(super) fn finish(self) -> String {
        format!("{}\n", self.text.trim_end())
    }
}

fn width(line: &str) -> usize {
    line.chars().count()
}
