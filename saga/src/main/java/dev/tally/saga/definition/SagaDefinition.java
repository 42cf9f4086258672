package dev.tally.saga.definition;

import dev.tally.publish.Via;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a saga goes: its steps, their order, and how far the way back is open. Several versions of one can be there side by
 * side; a saga that runs keeps the one it began with.
 *
 * <pre>{@code
 * SagaDefinition.named("place-order", PlaceOrder.class)
 *     .deadline(Duration.ofMinutes(10))
 *     .compensatable("reserve", step -> step
 *         .command("stock", order -> new ReserveStock(order.id(), order.lines()))
 *         .onDone(StockReserved.class, (order, reserved) -> order.reservedAs(reserved.id()))
 *         .compensation(order -> new ReleaseStock(order.id())))
 *     .pivot("charge", step -> step
 *         .command("payments", order -> new ChargeCard(order.id(), order.total())))
 *     .retriable("confirm", step -> step
 *         .local((order, context) -> orders.confirm(order)))
 *     .build();
 * }</pre>
 *
 * <p>Immutable and thread-safe, if its functions are.
 *
 * @param <D> the saga's data: immutable, best a record; kept as JSON
 * @since 0.1
 */
public final class SagaDefinition<D> {

    private final String name;
    private final int version;
    private final Class<D> dataType;
    private final Map<String, SagaStep<D>> steps;
    private final @Nullable Duration deadline;
    private final Via commandsVia;
    private final StuckUndo stuckUndo;
    private final List<SagaMigration> migrations;
    private final List<String> faults;
    private final String fingerprint;

    private SagaDefinition(Builder<D> builder) {
        this.name = builder.name;
        this.version = builder.version;
        this.dataType = builder.dataType;
        this.deadline = builder.deadline;
        this.commandsVia = builder.commandsVia;
        this.stuckUndo = builder.stuckUndo;
        this.migrations = List.copyOf(builder.migrations);
        Map<String, SagaStep<D>> byName = new LinkedHashMap<>();
        List<String> found = new ArrayList<>(builder.faults);
        for (SagaStep<D> step : builder.steps) {
            if (byName.putIfAbsent(step.name(), step) != null) {
                found.add("step '" + step.name() + "': its name is that of another step");
            }
        }
        this.steps = java.util.Collections.unmodifiableMap(byName);
        found.addAll(new DefinitionCheck<>(this).faults());
        this.faults = List.copyOf(found);
        this.fingerprint = Fingerprint.of(this);
    }

    /**
     * Begins a definition.
     *
     * @param name unique in the application, at most 100 characters
     * @param dataType the class of the saga's data
     */
    public static <D> Builder<D> named(String name, Class<D> dataType) {
        return new Builder<>(name, dataType);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** Its version, from 1. */
    public int version() {
        return version;
    }

    /** The class of the saga's data. */
    public Class<D> dataType() {
        return dataType;
    }

    /** The steps, in the order in which they were written. */
    public List<SagaStep<D>> steps() {
        return List.copyOf(steps.values());
    }

    /**
     * One step.
     *
     * @throws NoSuchElementException if there is none of that name
     */
    public SagaStep<D> step(String stepName) {
        SagaStep<D> step = steps.get(stepName);
        if (step == null) {
            throw new NoSuchElementException(
                    "Saga " + this + " has no step '" + stepName + "'; it has " + steps.keySet());
        }
        return step;
    }

    /** The names of the steps, in the order in which they were written. */
    public Set<String> stepNames() {
        return steps.keySet();
    }

    /** After how long it goes its way back if it has not reached the pivot; {@code null} for never. */
    public @Nullable Duration deadline() {
        return deadline;
    }

    /** How its commands leave. */
    public Via commandsVia() {
        return commandsVia;
    }

    /** What becomes of the other compensations when one of them cannot be done. */
    public StuckUndo stuckUndo() {
        return stuckUndo;
    }

    /** How sagas of earlier versions become ones of this version. */
    public List<SagaMigration> migrations() {
        return migrations;
    }

    /** What is wrong with it; it cannot be run with anything there. */
    public List<String> faults() {
        return faults;
    }

    /** A digest of what sagas that run depend on: the steps, their order and kinds, and the shape of the data. */
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public String toString() {
        return name + " v" + version;
    }

    /**
     * Writes a definition down, step by step. Not thread-safe.
     *
     * @param <D> the saga's data
     */
    public static final class Builder<D> extends Sequence<D, Builder<D>> {

        private final String name;
        private final Class<D> dataType;
        private final List<SagaMigration> migrations = new ArrayList<>();
        private int version = 1;
        private @Nullable Duration deadline;
        private Via commandsVia = Via.OUTBOX;
        private StuckUndo stuckUndo = StuckUndo.WAIT;

        private Builder(String name, Class<D> dataType) {
            super(new ArrayList<>(), new ArrayList<>(), List.of(), Set.of());
            this.name = name;
            this.dataType = dataType;
        }

        @Override
        Builder<D> self() {
            return this;
        }

        /** Its version; 1 by default. To be raised with every change that a running saga would notice. */
        public Builder<D> version(int number) {
            version = number;
            return this;
        }

        /** After how long the saga goes its way back if it has not reached the pivot; never by default. */
        public Builder<D> deadline(Duration limit) {
            deadline = limit;
            return this;
        }

        /** How its commands leave; {@link Via#OUTBOX} by default. */
        public Builder<D> commandsVia(Via via) {
            commandsVia = via;
            return this;
        }

        /** What becomes of the other compensations when one cannot be done; {@link StuckUndo#WAIT} by default. */
        public Builder<D> whenAnUndoIsStuck(StuckUndo policy) {
            stuckUndo = policy;
            return this;
        }

        /** How sagas of an earlier version, whose definition is gone, become ones of this version. */
        public Builder<D> migratesFrom(int earlier, SagaMigration.Change change) {
            migrations.add(new SagaMigration(earlier, change));
            return this;
        }

        /** The definition; what is wrong with it is told by {@link SagaDefinition#faults()}. */
        public SagaDefinition<D> build() {
            return new SagaDefinition<>(this);
        }
    }
}
