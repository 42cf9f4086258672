package dev.tally.broker.log;

import java.io.IOException;

/** What recovery does about damage. */
interface DamagePolicy {

    /** Refuses the log. */
    DamagePolicy REFUSE = new DamagePolicy() {
        @Override
        public void damaged(Damage damage) {
            throw damage.refusal();
        }

        @Override
        public Segment missingBehind(Segment sealed) {
            throw missing(sealed);
        }
    };

    /**
     * Acknowledged bytes cannot be read.
     *
     * @param from the position of the first of them
     * @param to the position of the next valid record, or the segment's end where there is none in it
     * @param firstSequence the sequence of the first missing record
     * @param nextSequence the sequence of the next valid record
     * @param epoch the epoch in which the log goes on
     */
    record Damage(
            Segment segment,
            long from,
            long to,
            long firstSequence,
            long nextSequence,
            int epoch,
            LogCorruptedException refusal) {}

    /** Takes damage, after which the log is read on behind it; or throws. */
    void damaged(Damage damage) throws IOException;

    /** The segment to go on with where the one behind a sealed one is missing, and so is everything behind it; or throws. */
    Segment missingBehind(Segment sealed) throws IOException;

    /** Says which segment is missing. */
    static LogCorruptedException missing(Segment sealed) {
        return new LogCorruptedException(
                sealed.path.resolveSibling(Segment.nameOf(sealed.end())),
                0,
                "the segment is missing, although the one before is sealed");
    }
}
