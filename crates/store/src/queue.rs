//! A bounded queue between threads whose takers are woken as seldom as can be: a wake costs as much as a short read.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is handed over and not yet taken. Many may hand over, many may take.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    /// Something waits, or nothing will any more.
    changed: Condvar,
    /// Whoever lingers has waited long enough.
    enough: Condvar,
    most: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// Something of that was not handed over quietly.
    is_pressing: bool,
    /// Takers that are awake and wait for this many.
    lingering: Option<usize>,
    /// Takers that sleep and that nobody has woken yet.
    asleep: usize,
    /// How often takers were told to look around.
    stirs: u64,
    closed: bool,
}

/// Why something was not taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Closed,
}

impl<T> Queue<T> {
    /// Holds at most so many.
    pub(crate) fn of(most: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                is_pressing: false,
                lingering: None,
                asleep: 0,
                stirs: 0,
                closed: false,
            }),
            changed: Condvar::new(),
            enough: Condvar::new(),
            most,
        }
    }

    /// Hands over and wakes a taker, if all sleep.
    pub(crate) fn put(&self, item: T) -> Result<(), Refused> {
        let mut state = self.state();
        state.put(item, self.most)?;
        state.is_pressing = true;
        self.wake_one(state);
        Ok(())
    }

    /// Hands over to takers that are awake. Whoever calls this calls [`wake`](Self::wake) before it rests.
    pub(crate) fn put_quietly(&self, item: T) -> Result<(), Refused> {
        let mut state = self.state();
        state.put(item, self.most)?;
        self.end_lingering(&state);
        Ok(())
    }

    /// Wakes a taker when something waits for one.
    pub(crate) fn wake(&self) {
        let state = self.state();
        if !state.waiting.is_empty() {
            self.wake_one(state);
        }
    }

    /// The next one; `rests` is called before this sleeps, and again whenever it is [stirred](Self::stir). `None` when the
    /// queue is closed and empty.
    pub(crate) fn take(&self, mut rests: impl FnMut()) -> Option<T> {
        let mut state = self.state();
        loop {
            if let Some(next) = state.waiting.pop_front() {
                return Some(next);
            }
            let stirs = state.stirs;
            drop(state);
            rests();
            state = self.awaited(stirs)?;
        }
    }

    /// Has those that sleep, or are about to, look once more at how they rest.
    pub(crate) fn stir(&self) {
        let mut state = self.state();
        state.stirs += 1;
        state.asleep = 0;
        drop(state);
        self.changed.notify_all();
    }

    /// Adds all that waits to `taken`, until that holds `most`. Sleeps only when it holds nothing; `false` when it still
    /// does, since the queue is closed and empty.
    pub(crate) fn take_into(&self, taken: &mut VecDeque<T>, most: usize) -> bool {
        let mut state = if taken.is_empty() {
            let mut state = self.state();
            while state.waiting.is_empty() {
                let stirs = state.stirs;
                drop(state);
                match self.awaited(stirs) {
                    Some(awaited) => state = awaited,
                    None => return false,
                }
            }
            state
        } else {
            self.state()
        };
        let count = state.waiting.len().min(most.saturating_sub(taken.len()));
        taken.extend(state.waiting.drain(..count));
        state.is_pressing &= !state.waiting.is_empty();
        true
    }

    /// Waits until this many wait, or something that was not handed over quietly, and no longer than so.
    pub(crate) fn linger(&self, enough: usize, longest: Duration) {
        let mut state = self.state();
        state.lingering = Some(enough);
        let waits = |state: &mut State<T>| !state.has_enough(enough);
        let waited = self.enough.wait_timeout_while(state, longest, waits);
        waited.unwrap_or_else(PoisonError::into_inner).0.lingering = None;
    }

    fn end_lingering(&self, state: &State<T>) {
        if state
            .lingering
            .is_some_and(|enough| state.has_enough(enough))
        {
            self.enough.notify_all();
        }
    }

    /// Nothing more is taken up; what waits is still to be taken.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
        self.enough.notify_all();
    }

    /// Sleeps until something waits, or it was stirred more often than so; `None` when nothing will wait any more.
    fn awaited(&self, stirs: u64) -> Option<MutexGuard<'_, State<T>>> {
        let mut state = self.state();
        loop {
            if !state.waiting.is_empty() || state.stirs != stirs {
                return Some(state);
            }
            if state.closed {
                return None;
            }
            state.asleep += 1;
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn wake_one(&self, mut state: MutexGuard<'_, State<T>>) {
        self.end_lingering(&state);
        if state.asleep > 0 {
            state.asleep -= 1;
            drop(state);
            self.changed.notify_one();
        }
    }

    /// No holder of the lock can panic half-way through a change.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn has_enough(&self, enough: usize) -> bool {
        self.is_pressing || self.closed || self.waiting.len() >= enough
    }

    fn put(&mut self, item: T, most: usize) -> Result<(), Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        if self.waiting.len() >= most {
            return Err(Refused::Full);
        }
        self.waiting.push_back(item);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_full_and_a_closed_queue_say_so_and_lose_nothing() {
        let queue = Queue::of(2);
        assert_eq!(queue.put(1), Ok(()));
        assert_eq!(queue.put_quietly(2), Ok(()));
        assert_eq!(queue.put(3), Err(Refused::Full));
        queue.close();
        assert_eq!(queue.put(3), Err(Refused::Closed));
        assert_eq!(queue.take(|| ()), Some(1));
        let mut taken = VecDeque::new();
        assert!(queue.take_into(&mut taken, 9));
        assert_eq!(taken, [2]);
        assert!(
            queue.take_into(&mut taken, 9),
            "what is at hand is not lost"
        );
        taken.clear();
        assert!(!queue.take_into(&mut taken, 9));
        assert_eq!(queue.take(|| ()), None);
    }

    #[test]
    fn no_more_is_taken_than_asked_for() {
        let queue = Queue::of(9);
        for item in 0..5 {
            queue.put(item).unwrap();
        }
        let mut taken = VecDeque::from([9]);
        assert!(queue.take_into(&mut taken, 3));
        assert_eq!(taken, [9, 0, 1]);
    }

    /// Each would end after a day only.
    #[test]
    fn who_lingers_goes_on_with_enough_with_what_presses_and_at_the_end() {
        const DAY: Duration = Duration::from_secs(86_400);
        type Cause = fn(&Queue<usize>);
        let causes: [Cause; 3] = [
            |queue| (0..3).for_each(|item| queue.put_quietly(item).unwrap()),
            |queue| queue.put(0).unwrap(),
            Queue::close,
        ];
        for cause in causes {
            let queue = Arc::new(Queue::of(9));
            let lingerer = {
                let queue = Arc::clone(&queue);
                std::thread::spawn(move || queue.linger(3, DAY))
            };
            while queue.state().lingering.is_none() && !lingerer.is_finished() {
                std::thread::yield_now();
            }
            cause(&queue);
            lingerer.join().unwrap();
            // Whoever comes with the cause there already does not wait at all.
            queue.linger(3, DAY);
        }
    }

    #[test]
    fn what_was_handed_over_quietly_presses_nobody_once_the_rest_is_taken() {
        let queue = Queue::of(9);
        queue.put(0).unwrap();
        assert!(queue.state().has_enough(9));
        assert!(queue.take_into(&mut VecDeque::new(), 9));
        queue.put_quietly(1).unwrap();
        assert!(!queue.state().has_enough(9));
        queue.linger(9, Duration::ZERO);
        assert_eq!(queue.state().lingering, None);
    }

    /// Each of many is taken once, by takers that sleep in between, also when it was handed over quietly.
    #[test]
    fn everything_reaches_a_taker_that_slept() {
        let (first, second) = (Arc::new(Queue::of(64)), Arc::new(Queue::of(1_000_000)));
        let takers: Vec<_> = (0..3)
            .map(|_| {
                let (first, second) = (Arc::clone(&first), Arc::clone(&second));
                std::thread::spawn(move || {
                    while let Some(item) = first.take(|| second.wake()) {
                        second.put_quietly(item).unwrap();
                    }
                    second.wake();
                })
            })
            .collect();
        let last = {
            let second = Arc::clone(&second);
            std::thread::spawn(move || {
                let (mut sum, mut taken) = (0_u64, VecDeque::new());
                while second.take_into(&mut taken, 500) {
                    sum += taken.drain(..).sum::<u64>();
                }
                sum
            })
        };
        for item in 0..20_000_u64 {
            while first.put(item) == Err(Refused::Full) {
                std::thread::yield_now();
            }
            if item % 4_000 == 0 {
                // Long enough for everyone to fall asleep.
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        first.close();
        for taker in takers {
            taker.join().unwrap();
        }
        second.close();
        assert_eq!(last.join().unwrap(), (0..20_000).sum::<u64>());
    }
}
