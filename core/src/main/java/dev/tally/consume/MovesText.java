package dev.tally.consume;

import dev.tally.transport.PositionMove;
import java.util.List;
import java.util.stream.Collectors;

/** Says for people what a move of positions does: the sums first, since what is too long for the audit log is cut off. */
final class MovesText {

    private MovesText() {}

    static String of(List<PositionMove> moves) {
        long skipped = moves.stream().mapToLong(PositionMove::skipped).sum();
        long replayed = moves.stream().mapToLong(PositionMove::replayed).sum();
        return "skips " + skipped + " messages and replays " + replayed + "; "
                + moves.stream()
                        .map(move -> move.queue() + " from " + move.from() + " to " + move.to())
                        .collect(Collectors.joining(", "));
    }
}
