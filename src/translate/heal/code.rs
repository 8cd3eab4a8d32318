//! Where text is code: in a fence or between backticks, markup is shown and not meant.

/// What is known of the text so far.
#[derive(Debug)]
pub struct Code {
    /// The mark and the length of the fence that is open.
    fence: Option<(u8, usize)>,
    /// The length of the backticks that an open span of code began with.
    span: Option<usize>,
    /// The mark and the length of the run that the text ends with, and whether the run began its line.
    run: Option<(u8, usize, bool)>,
    /// Whether the line has only white space so far.
    line_is_blank: bool,
    /// Whether the line holds nothing but a mark that would close the fence.
    closing: bool,
}

impl Default for Code {
    fn default() -> Self {
        Self {
            fence: None,
            span: None,
            run: None,
            line_is_blank: true,
            closing: false,
        }
    }
}

impl Code {
    /// The characters that matter here.
    pub const MARKS: [u8; 3] = *b"`~\n";

    /// Takes text without any of the marks.
    pub fn words(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        self.end_run();
        if !words.trim_start().is_empty() {
            self.line_is_blank = false;
            self.closing = false;
        }
    }

    /// Takes one of the marks.
    pub fn mark(&mut self, mark: u8) {
        match &mut self.run {
            Some((known, length, _)) if *known == mark => *length += 1,
            _ if mark == b'\n' => self.newline(),
            _ => {
                self.end_run();
                self.closing = false;
                self.run = Some((mark, 1, self.line_is_blank));
                self.line_is_blank = false;
            }
        }
    }

    /// Whether what follows is code, if it is no mark.
    pub fn is_code(&mut self) -> bool {
        self.end_run();
        self.fence.is_some() || self.span.is_some()
    }

    /// Whether the next character is the first of its line, white space apart, and not in code.
    pub fn begins_line(&self) -> bool {
        self.line_is_blank && self.run.is_none() && self.fence.is_none() && self.span.is_none()
    }

    fn newline(&mut self) {
        self.end_run();
        if self.closing {
            self.fence = None;
        }
        // A paragraph's end is the end of a span that nobody closed.
        if self.line_is_blank {
            self.span = None;
        }
        self.closing = false;
        self.line_is_blank = true;
    }

    fn end_run(&mut self) {
        let Some((mark, length, begins_line)) = self.run.take() else {
            return;
        };
        match self.fence {
            Some((opener, at_least)) => self.closing = begins_line && mark == opener && length >= at_least,
            None if begins_line && length >= 3 => {
                self.fence = Some((mark, length));
                self.span = None;
            }
            None if mark == b'`' => {
                self.span = match self.span {
                    Some(open) if open == length => None,
                    Some(open) => Some(open),
                    None => Some(length),
                };
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends_in_code(text: &str) -> bool {
        let mut code = Code::default();
        let mut rest = text;
        while let Some(place) = rest.bytes().position(|byte| Code::MARKS.contains(&byte)) {
            code.words(&rest[..place]);
            code.mark(rest.as_bytes()[place]);
            rest = &rest[place + 1..];
        }
        code.words(rest);
        code.is_code()
    }

    #[test]
    fn fences_and_spans_are_code_until_they_close() {
        for (text, is_code) in [
            ("", false),
            ("```", true),
            ("```xml\n", true),
            ("  ~~~\n", true),
            ("```\na\n```", true),
            ("```\na\n```\n", false),
            ("```\na\n```` \n", false),
            ("````\n```\n", true),
            ("~~~\n```\n", true),
            ("```\n``` no end\n", true),
            ("```\na ```\n", true),
            ("a ~~~ b", false),
            ("a `", true),
            ("a `b` ", false),
            ("a ``b` ", true),
            ("a ``b`` ", false),
            ("a `b\nc", true),
            ("a `b\n\nc", false),
            ("a ```b", true),
        ] {
            assert_eq!(ends_in_code(text), is_code, "{text:?}");
        }
    }
}
