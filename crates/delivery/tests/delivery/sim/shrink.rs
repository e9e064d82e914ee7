//! Makes a failing world smaller for as long as it fails: fewer sinks, subscriptions, events and steps. Knows nothing of
//! what a world does.

use std::collections::BTreeSet;

use super::parameters::Parameters;

/// Most worlds that are tried.
const MOST_TRIES: usize = 3_000;

/// The failing world that is being made smaller.
struct Shrinking<F> {
    smallest: Parameters,
    fails: F,
    tries: usize,
}

/// Returns the smallest world found that still fails. `steps`: the number of steps in the course of the whole world.
pub fn shrink(failing: &Parameters, steps: usize, fails: impl FnMut(&Parameters) -> bool) -> Parameters {
    let all = failing.steps.clone().unwrap_or_else(|| (0..steps).collect());
    let smallest = Parameters { steps: Some(all), ..failing.clone() };
    let mut shrinking = Shrinking { smallest, fails, tries: 0 };
    loop {
        let before = shrinking.smallest.clone();
        shrinking.remove_steps();
        shrinking.lower(|one| &mut one.subscriptions);
        shrinking.lower(|one| &mut one.sinks);
        shrinking.lower(|one| &mut one.events);
        if shrinking.smallest == before || shrinking.tries >= MOST_TRIES {
            return shrinking.smallest;
        }
    }
}

impl<F: FnMut(&Parameters) -> bool> Shrinking<F> {
    /// Keeps a smaller world if it fails too.
    fn keep_if_failing(&mut self, smaller: Parameters) -> bool {
        self.tries += 1;
        let fails = self.tries <= MOST_TRIES && (self.fails)(&smaller);
        if fails {
            self.smallest = smaller;
        }
        fails
    }

    /// Removes runs of steps, long ones first.
    fn remove_steps(&mut self) {
        let mut length = self.steps().len();
        while length > 0 {
            let mut from = 0;
            loop {
                let steps = self.steps();
                if from >= steps.len() {
                    break;
                }
                let kept: BTreeSet<usize> =
                    steps.iter().take(from).chain(steps.iter().skip(from + length)).copied().collect();
                if !self.keep_if_failing(Parameters { steps: Some(kept), ..self.smallest.clone() }) {
                    from += length;
                }
            }
            length /= 2;
        }
    }

    fn steps(&self) -> Vec<usize> {
        self.smallest.steps.iter().flatten().copied().collect()
    }

    /// Lowers a number as far as possible, the lowest first.
    fn lower(&mut self, number: impl Fn(&mut Parameters) -> &mut u64) {
        let now = *number(&mut self.smallest.clone());
        for lower in 1..now {
            let mut smaller = self.smallest.clone();
            *number(&mut smaller) = lower;
            if self.keep_if_failing(smaller) {
                return;
            }
        }
    }
}

#[test]
fn what_a_failure_does_not_need_is_removed() {
    // It fails as long as steps 3 and 17 happen, with at least two subscriptions and five events.
    let fails = |one: &Parameters| {
        let steps = one.steps.as_ref().expect("steps");
        steps.contains(&3) && steps.contains(&17) && one.subscriptions >= 2 && one.events >= 5
    };
    let smallest = shrink(&Parameters::whole(1), 40, fails);
    assert_eq!(smallest.to_string(), "1 sinks=1 subscriptions=2 events=5 steps=3,17");
}
