//! What one decision takes by itself, by whatever statement a vault was opened with.

use std::hint::black_box;
use std::time::Duration;

use basics::{Activity, Actor, Channel, Role, Trace};
use rustix::time::{ClockId, clock_gettime};
use statement::Grant;
use store::Sql;

use crate::{Processing, Subjects, Vault, gate};

/// Each is asked so often.
const TIMES: u32 = 64;

/// CPU of one decision.
#[derive(Clone, Copy, Debug)]
pub struct Decided {
    /// Of the gate: may this role do this activity over this channel today?
    pub gate: Duration,
    /// Of the column check: may it run this text?
    pub text: Duration,
}

impl Vault {
    /// Over all that the statement permits: each activity by each of its roles over each of its channels, and each text for
    /// each of these roles.
    pub fn decided(&self) -> Decided {
        let (door, now) = (&self.door, self.clock().now());
        let kept = |name: &str| -> &'static str { Box::leak(name.to_owned().into_boxed_str()) };
        let enters = |processing: &Processing| {
            gate::enter(&door.register, processing, || door.day(now)).is_ok()
        };
        let runs = |grant: &Grant, sql: &'static Sql| {
            let needs = door.columns.of_sql(sql);
            needs.is_ok_and(|needs| needs.check(Some(grant), &String::new).is_ok())
        };
        let (mut asked, mut run) = (Vec::new(), Vec::new());
        for entry in door.register.activities() {
            let activity = Activity(kept(&entry.name));
            for (role, grant) in entry.roles.iter().zip(door.register.grants(entry)) {
                let role = Role(role.to_owned().into());
                let processings = Channel::ALL.map(|channel| {
                    let actor = Actor::Staff {
                        role: role.clone(),
                        id: String::new(),
                    };
                    let trace = Trace::new(self.ids());
                    Processing::of(activity, actor, Subjects::Found, channel, trace)
                });
                asked.extend(processings.into_iter().filter(enters));
                let texts = door.columns.texts().filter(|sql| runs(grant, sql));
                run.extend(texts.map(|sql| (grant, sql)));
            }
        }
        Decided {
            gate: each(asked.len(), || {
                let permitted = asked.iter().filter(|one| enters(black_box(one)));
                black_box(permitted.count());
            }),
            text: each(run.len(), || {
                let permitted = run
                    .iter()
                    .filter(|(grant, sql)| runs(black_box(grant), sql));
                black_box(permitted.count());
            }),
        }
    }
}

fn each(count: usize, all: impl Fn()) -> Duration {
    all();
    let began = clock_gettime(ClockId::ThreadCPUTime);
    for _ in 0..TIMES {
        all();
    }
    let ended = clock_gettime(ClockId::ThreadCPUTime);
    let nanos = (ended.tv_sec - began.tv_sec) * 1_000_000_000 + ended.tv_nsec - began.tv_nsec;
    let times = u64::from(TIMES) * count.max(1) as u64;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(0) / times)
}
