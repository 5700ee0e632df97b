//! A fault planned for one call of one invocation, and the list of the calls that the invocation makes: what
//! the fault matrix is drawn from. Knows no port.

use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Planned {
    FailsBefore,
    /// It has its effect, and the answer is lost.
    FailsAfter,
    /// It meets other work on the same thing: nothing is done.
    Conflict,
    /// It is refused because there are too many.
    Throttled,
    /// It has its effect, and the caller gives up waiting for the answer.
    TimesOut,
    /// It is carried out twice; the second answer arrives.
    Twice,
    DiesBefore,
    /// The process dies after its effect.
    DiesAfter,
}

impl Planned {
    pub const ALL: [Self; 8] = [
        Self::FailsBefore,
        Self::FailsAfter,
        Self::Conflict,
        Self::Throttled,
        Self::TimesOut,
        Self::Twice,
        Self::DiesBefore,
        Self::DiesAfter,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FailsBefore => "fails before",
            Self::FailsAfter => "fails after the effect",
            Self::Conflict => "conflict",
            Self::Throttled => "throttled",
            Self::TimesOut => "time-out after the effect",
            Self::Twice => "carried out twice",
            Self::DiesBefore => "the process dies before",
            Self::DiesAfter => "the process dies after the effect",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Plan {
    pub call: String,
    /// At which call of this name, from 1.
    pub occurrence: u32,
    pub fault: Planned,
    /// Whether all later calls of the name meet it too, so that no repetition helps.
    pub lasting: bool,
}

/// The calls of an invocation, in order, and the fault among them.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    calls: Vec<String>,
    permissions: BTreeSet<String>,
    plan: Option<Plan>,
    met: u32,
    struck: u32,
}

impl Watch {
    #[must_use]
    pub fn new(plan: Option<Plan>) -> Self {
        Self { plan, ..Self::default() }
    }

    /// Notes a call; what it meets, if something is planned for it.
    pub fn next(&mut self, call: &str) -> Option<Planned> {
        self.calls.push(call.to_owned());
        let plan = self.plan.as_ref().filter(|plan| plan.call == call)?;
        self.met += 1;
        let strikes = self.met == plan.occurrence || (plan.lasting && self.met > plan.occurrence);
        if strikes {
            self.struck += 1;
        }
        strikes.then_some(plan.fault)
    }

    /// Notes what the function's role must allow for its next call.
    pub fn note_permissions(&mut self, permissions: Vec<String>) {
        self.permissions.extend(permissions);
    }

    /// What the function's role must allow for the calls seen.
    #[must_use]
    pub fn permissions(&self) -> &BTreeSet<String> {
        &self.permissions
    }

    #[must_use]
    pub fn calls(&self) -> &[String] {
        &self.calls
    }

    #[must_use]
    pub fn struck(&self) -> u32 {
        self.struck
    }
}
