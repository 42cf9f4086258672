package dev.tally.boot.actuate;

import dev.tally.saga.SagaState;
import dev.tally.saga.engine.SagaAct;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes acts of what a request says. */
final class SagaActs {

    private SagaActs() {}

    /** @throws IllegalArgumentException if that is no act */
    static SagaAct of(
            String act,
            @Nullable String step,
            @Nullable String substitute,
            @Nullable String patch,
            @Nullable String end,
            @Nullable Instant due) {
        return switch (act.toLowerCase(Locale.ROOT)) {
            case "retry" -> new SagaAct.Retry(step);
            case "skip" -> new SagaAct.Skip(required(act, "step", step), substitute);
            case "compensate" -> new SagaAct.Compensate(step);
            case "patch" -> new SagaAct.Patch(required(act, "patch", patch));
            case "resolve" ->
                new SagaAct.Resolve(SagaState.valueOf(required(act, "end", end).toUpperCase(Locale.ROOT)));
            case "quarantine" -> new SagaAct.Quarantine();
            case "release" -> new SagaAct.Release();
            case "adopt" -> new SagaAct.Adopt();
            case "move-timer" -> new SagaAct.MoveTimer(required(act, "step", step), required(act, "due", due));
            case "cancel-timer" -> new SagaAct.CancelTimer(required(act, "step", step));
            default ->
                throw new IllegalArgumentException("Cannot " + act + " a saga: retry, skip, compensate, patch, resolve,"
                        + " quarantine, release, adopt, move-timer and cancel-timer are possible; nothing was done");
        };
    }

    private static <T> T required(String act, String name, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(
                    "Cannot " + act + " a saga: '" + name + "' is missing; nothing was done");
        }
        return value;
    }
}
