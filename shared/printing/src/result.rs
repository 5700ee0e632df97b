//! The result of a batch: written once, with the job's counters, in one transaction.

use crate::{Batch, PrintJob, Printing, PrintingFailure, Tally, job_key};
use tables::{Stored, Together, WorkWrite};

impl Printing {
    /// Ends a batch whose pieces are all definite, under the version that was read, and settles the job if
    /// it was the last.
    pub(crate) async fn end_batch(
        &self,
        read: &Stored<Batch>,
        batch: Batch,
        tally: Tally,
    ) -> Result<(), PrintingFailure> {
        let ended =
            Batch { ended_at: Some(self.clock.now()), lease: None, not_before: None, due_at: None, ..batch };
        let job_key = job_key(&ended.organization_id, &ended.print_job_id);
        let mut counters = vec![("batchesDone", 1)];
        counters.extend(
            [
                ("accepted", tally.accepted),
                ("refused", tally.refused),
                ("unknown", tally.unknown),
                ("notSent", tally.not_sent),
            ]
            .into_iter()
            .filter(|(_, pieces)| *pieces > 0)
            .map(|(name, pieces)| (name, i64::from(pieces))),
        );
        let writes = [WorkWrite::replace(read, &ended)?, WorkWrite::add(&job_key, &counters)];
        if let Together::Refused { .. } = self.table.write_together(&writes).await? {
            tracing::warn!(job = %ended.print_job_id, batch = ended.batch, "another worker ended the batch");
            return Ok(());
        }
        if tally.unknown > 0 {
            let (job, batch, pieces) = (&ended.print_job_id, ended.batch, tally.unknown);
            tracing::error!(%job, batch, pieces, "the fate of pieces stays unknown");
        }
        match self.table.get::<PrintJob>(&job_key).await? {
            Some(job) => self.settle_if_done(&job.record).await,
            None => Err(PrintingFailure::Missing("the job of a batch")),
        }
    }
}
