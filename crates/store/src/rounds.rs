//! Works that ask in rounds: each runs until it asks what is not known yet, and what all of them asked is answered in one
//! journey to the server. Then they run again.

use std::hash::{BuildHasher, RandomState};

use basics::Fault;
use hashbrown::HashTable;

use crate::sql::Sql;
use crate::trouble::AGAIN;
use crate::value::{Answers, Row, Value};

/// So often what a group asks is answered together; who asks on after that asks at once.
pub(crate) const ROUNDS: usize = 16;

/// What a closure asks, and whom it is about.
pub(crate) struct Question {
    pub(crate) about: Option<String>,
    pub(crate) text: &'static str,
    pub(crate) params: Vec<Value>,
}

/// Why a closure could not run to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// It asked something: it runs again when that is answered.
    Asks,
    /// It changes rows at once, or asks about many: it runs when nobody asks in rounds any more.
    Changes,
}

/// What is known in a group so far. Rows that its works add are not seen before the commit, and a work that changes any
/// waits: so an answer stays true.
#[derive(Default)]
pub(crate) struct Rounds {
    about: Option<String>,
    /// Closures ask again what they asked the time before, so what is looked up is not copied for it.
    known: HashTable<(Question, Answers)>,
    /// In the order in which they were asked first.
    asked: Vec<Question>,
    /// By their places among those.
    is_asked: HashTable<usize>,
    hashing: RandomState,
    halt: Option<Halt>,
}

/// A question as it is looked up.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Asking<'a> {
    about: Option<&'a str>,
    text: &'static str,
    params: &'a [Value],
}

impl Asking<'_> {
    /// By where its text stands: one at two places would be asked twice, which only costs.
    fn hash(&self, hashing: &RandomState) -> u64 {
        hashing.hash_one((self.about, self.text.as_ptr().addr(), self.params))
    }
}

impl Question {
    fn asking(&self) -> Asking<'_> {
        Asking {
            about: self.about.as_deref(),
            text: self.text,
            params: &self.params,
        }
    }
}

impl Rounds {
    pub(crate) fn about(&mut self, subject: Option<&str>) {
        self.about = subject.map(str::to_owned);
    }

    /// Tells the answer, or notes the question.
    pub(crate) fn answer(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let asking = Asking {
            about: self.about.as_deref(),
            text: sql.text(),
            params,
        };
        let hash = asking.hash(&self.hashing);
        let is_known = |(question, _): &(Question, _)| question.asking() == asking;
        if let Some((_, answers)) = self.known.find(hash, is_known) {
            return answers.tell(each);
        }
        let is_asked = |at: &usize| self.asked[*at].asking() == asking;
        if self.is_asked.find(hash, is_asked).is_none() {
            let question = Question {
                about: self.about.clone(),
                text: asking.text,
                params: params.to_vec(),
            };
            let (asked, hashing) = (&self.asked, &self.hashing);
            let again = |at: &usize| asked[*at].asking().hash(hashing);
            self.is_asked.insert_unique(hash, asked.len(), again);
            self.asked.push(question);
        }
        Err(self.halted(Halt::Asks))
    }

    /// The closure goes no further.
    pub(crate) fn halted(&mut self, halt: Halt) -> Fault {
        self.halt.get_or_insert(halt);
        Fault::unavailable("a closure waits for the others of its group", AGAIN)
    }

    pub(crate) const fn halt(&self) -> Option<Halt> {
        self.halt
    }

    pub(crate) fn next_closure(&mut self) {
        self.halt = None;
        self.about = None;
    }

    /// What is to be answered; those about the same person stand together.
    pub(crate) fn take_asked(&mut self) -> Vec<Question> {
        self.is_asked.clear();
        let mut asked = std::mem::take(&mut self.asked);
        asked.sort_by(|one, other| one.about.cmp(&other.about));
        asked
    }

    pub(crate) fn learn(&mut self, questions: Vec<Question>, answers: Vec<Answers>) {
        for learned in questions.into_iter().zip(answers) {
            let hash = |(question, _): &(Question, _)| question.asking().hash(&self.hashing);
            self.known.insert_unique(hash(&learned), learned, hash);
        }
    }
}
