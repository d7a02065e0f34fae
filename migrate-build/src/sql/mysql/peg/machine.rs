//! The machine. Its stack is a vector: nothing recurs.

use super::compile::{Op, Program};
use super::{Set, Symbol};

/// What a run reports of the way that it found, in the order of the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Event<M, N> {
    /// What a mark spans begins with this token.
    Open(M, usize),
    /// It ended before this token.
    Close(M, usize),
    /// The place before this token was passed.
    Mark(M, usize),
    /// What begins with this token needs something of the server.
    Need(N, usize),
}

/// Why the tokens do not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Failure {
    /// No way leads beyond this token; one of these would have.
    Unexpected { at: usize, expected: Set },
    /// At this token more is open than the stack may hold.
    TooDeep { at: usize },
}

/// How much may be open at once: some 1,000 brackets inside each other.
const MAX_STACK: usize = 16 * 1024;

enum Frame {
    /// Where to go on behind a call.
    Back(u32),
    /// Where to go on after a failure: the step, the token, the number of events, and whether it was
    /// only looking ahead.
    Choice(u32, usize, usize, bool),
}

struct Run<'r, M, N> {
    program: &'r Program<M, N>,
    tokens: &'r [Symbol],
    at: usize,
    stack: Vec<Frame>,
    events: Vec<(Op, usize)>,
    /// The token that no way led beyond so far, and what was looked for there.
    farthest: usize,
    wanted: Vec<u16>,
    /// It only looks ahead.
    looks: bool,
}

impl<M: Copy, N: Copy> Program<M, N> {
    /// Runs a rule over all tokens.
    ///
    /// # Errors
    /// When they do not fit.
    pub(in super::super) fn run(
        &self,
        rule: &str,
        tokens: &[Symbol],
    ) -> Result<Vec<Event<M, N>>, Failure> {
        let (stack, events, wanted) = (Vec::new(), Vec::new(), Vec::new());
        let mut run =
            Run { program: self, tokens, at: 0, stack, events, farthest: 0, wanted, looks: false };
        let fits = match self.entry(rule) {
            Some(entry) => run.steps(entry)?,
            None => false,
        };
        if fits && run.at == tokens.len() {
            return Ok(run.events.iter().filter_map(|(op, at)| self.event(*op, *at)).collect());
        }
        let mut expected = Set::default();
        for set in &run.wanted {
            expected.union(&self.sets[usize::from(*set)]);
        }
        Err(Failure::Unexpected { at: run.farthest.max(run.at), expected })
    }

    fn event(&self, op: Op, at: usize) -> Option<Event<M, N>> {
        Some(match op {
            Op::Open(mark) => Event::Open(self.marks[usize::from(mark)], at),
            Op::Close(mark) => Event::Close(self.marks[usize::from(mark)], at),
            Op::Mark(mark) => Event::Mark(self.marks[usize::from(mark)], at),
            Op::Need(need) => Event::Need(self.needs[usize::from(need)], at),
            _ => return None,
        })
    }
}

impl<M: Copy, N: Copy> Run<'_, M, N> {
    /// Whether the rule at a step fits.
    fn steps(&mut self, entry: u32) -> Result<bool, Failure> {
        let mut step = entry as usize;
        loop {
            if self.stack.len() > MAX_STACK {
                return Err(Failure::TooDeep { at: self.at });
            }
            let op = self.program.ops[step];
            step += 1;
            let failed = match op {
                Op::Take(set) => {
                    let is = self.is(set);
                    self.at += usize::from(is);
                    !is
                }
                Op::Test(set, to) => {
                    if !self.is(set) {
                        step = to as usize;
                    }
                    false
                }
                Op::Choose(to) => {
                    self.choose(to);
                    false
                }
                Op::Look(to) => {
                    self.choose(to);
                    self.looks = true;
                    false
                }
                Op::Commit(to) => {
                    self.stack.pop();
                    step = to as usize;
                    false
                }
                Op::Return(to) => {
                    self.back();
                    step = to as usize;
                    false
                }
                Op::FailTwice => {
                    self.back();
                    true
                }
                Op::Fail => true,
                Op::Jump(to) => {
                    step = to as usize;
                    false
                }
                Op::Call(to) => {
                    self.stack.push(Frame::Back(u32::try_from(step).unwrap_or(u32::MAX)));
                    step = to as usize;
                    false
                }
                Op::End => match self.stack.pop() {
                    Some(Frame::Back(to)) => {
                        step = to as usize;
                        false
                    }
                    _ => return Ok(true),
                },
                Op::Open(_) | Op::Close(_) | Op::Mark(_) | Op::Need(_) => {
                    self.events.push((op, self.at));
                    false
                }
            };
            if failed {
                match self.back() {
                    Some(to) => step = to as usize,
                    None => return Ok(false),
                }
            }
        }
    }

    /// Whether the token at hand is of a set; if not, that is remembered.
    fn is(&mut self, set: u16) -> bool {
        let token = self.tokens.get(self.at);
        let is = token.is_some_and(|token| self.program.sets[usize::from(set)].contains(*token));
        if !is && !self.looks && self.at >= self.farthest {
            if self.at > self.farthest {
                self.farthest = self.at;
                self.wanted.clear();
            }
            self.wanted.push(set);
        }
        is
    }

    fn choose(&mut self, otherwise: u32) {
        self.stack.push(Frame::Choice(otherwise, self.at, self.events.len(), self.looks));
    }

    /// Goes back to the last choice; returns its step.
    fn back(&mut self) -> Option<u32> {
        while let Some(frame) = self.stack.pop() {
            if let Frame::Choice(to, at, events, looks) = frame {
                (self.at, self.looks) = (at, looks);
                self.events.truncate(events);
                return Some(to);
            }
        }
        None
    }
}
