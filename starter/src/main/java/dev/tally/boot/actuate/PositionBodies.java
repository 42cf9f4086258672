package dev.tally.boot.actuate;

import dev.tally.consume.ConsumerLag;
import dev.tally.consume.TimeToEmpty;
import dev.tally.transport.PositionMove;
import dev.tally.transport.QueuePosition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Positions as endpoints show them. */
final class PositionBodies {

    private PositionBodies() {}

    static void lag(Map<String, Object> body, ConsumerLag lag) {
        body.put("lag", lag.messages());
        lag.oldest().ifPresent(oldest -> body.put("oldest", oldest.toString()));
        body.put("emptyIn", text(lag.timeToEmpty()));
        ConsumerLag.Pace pace = lag.pace();
        if (pace != null) {
            body.put("acknowledgedPerSecond", rounded(pace.acknowledged()));
            body.put("arrivingPerSecond", rounded(pace.arriving()));
        }
        List<Map<String, Object>> queues =
                lag.queues().stream().map(PositionBodies::queue).toList();
        body.put("queues", queues);
    }

    static String text(TimeToEmpty time) {
        if (time instanceof TimeToEmpty.After after) {
            return after.duration().toString();
        }
        if (time instanceof TimeToEmpty.Never) {
            return "never at this pace";
        }
        return time instanceof TimeToEmpty.Now ? "empty" : "unknown, ask again in some seconds";
    }

    private static double rounded(double perSecond) {
        return Math.round(perSecond * 10) / 10.0;
    }

    private static Map<String, Object> queue(QueuePosition queue) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("queue", queue.queue());
        body.put("acknowledged", queue.acknowledged());
        body.put("first", queue.first());
        body.put("end", queue.end());
        body.put("lag", queue.lag());
        if (queue.oldest() != null) {
            body.put("oldest", queue.oldest().toString());
        }
        body.put("here", queue.owned());
        return body;
    }

    static Map<String, Object> moves(List<PositionMove> moves, boolean preview) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("preview", preview);
        body.put("skips", moves.stream().mapToLong(PositionMove::skipped).sum());
        body.put("replays", moves.stream().mapToLong(PositionMove::replayed).sum());
        List<Map<String, Object>> queues =
                moves.stream().map(PositionBodies::move).toList();
        body.put("queues", queues);
        return body;
    }

    private static Map<String, Object> move(PositionMove move) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("queue", move.queue());
        body.put("from", move.from());
        body.put("to", move.to());
        body.put("skips", move.skipped());
        body.put("replays", move.replayed());
        if (move.since() != null) {
            body.put("since", move.since().toString());
        }
        return body;
    }
}
