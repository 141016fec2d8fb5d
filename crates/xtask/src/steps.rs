//! The steps of a task: each is named, timed, and remembered when it fails.

use std::time::{Duration, Instant};

/// The steps taken so far.
pub struct Steps {
    began: Instant,
    failed: Vec<&'static str>,
}

impl Steps {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            failed: Vec::new(),
        }
    }

    /// Takes one step; says why and goes on when it fails. Returns what it made.
    pub fn take<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<T, String>,
    ) -> Option<T> {
        println!("==> {name}");
        let began = Instant::now();
        let outcome = work();
        let took = spelled(began.elapsed());
        match outcome {
            Ok(made) => {
                println!("<== {name}: ok, {took}");
                Some(made)
            }
            Err(why) => {
                println!("<== {name}: FAILED, {took}: {why}");
                self.failed.push(name);
                None
            }
        }
    }

    pub fn failed(&self) -> &[&'static str] {
        &self.failed
    }

    pub fn elapsed(&self) -> String {
        spelled(self.began.elapsed())
    }
}

fn spelled(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_remembered_and_the_next_one_is_taken() {
        let mut steps = Steps::new();
        assert_eq!(steps.take("one", || Err::<(), _>("broken".into())), None);
        assert_eq!(steps.take("two", || Ok(2)), Some(2));
        assert_eq!(steps.failed(), ["one"]);
    }

    #[test]
    fn times_are_told_in_minutes_from_a_minute_on() {
        assert_eq!(spelled(Duration::from_millis(1_250)), "1.2 s");
        assert_eq!(spelled(Duration::from_secs(61)), "1 min 01 s");
    }
}
