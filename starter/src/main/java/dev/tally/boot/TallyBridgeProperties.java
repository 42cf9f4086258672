package dev.tally.boot;

import dev.tally.outbox.bridge.BridgeMode;
import dev.tally.outbox.bridge.BridgeSettings;
import dev.tally.outbox.bridge.Peer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Bridges that take over what another outbox has left in its table. They work in the primary data source.
 *
 * @param batchRows rows taken at most in one transaction
 * @param maxRate rows looked at in a second at most, in each process; 0 for no limit
 * @param quietPeriod how long the other outbox must have been silent, and a row untouched, before anything is taken
 * @param interval pause after all rows were looked at, before the next round
 * @param retryLeft how often rows that could not be mapped are tried again
 * @param operateByHand whether the endpoint tallybridges may pause and resume
 * @param modulith from Spring Modulith's event publication registry
 * @param transactionOutbox from transaction-outbox
 * @param namastack from namastack-outbox
 */
@ConfigurationProperties("tally.outbox.bridge")
record TallyBridgeProperties(
        @DefaultValue("200") int batchRows,
        @DefaultValue("500") int maxRate,
        @DefaultValue("5m") Duration quietPeriod,
        @DefaultValue("10s") Duration interval,
        @DefaultValue("10m") Duration retryLeft,
        @DefaultValue("false") boolean operateByHand,
        @DefaultValue Modulith modulith,
        @DefaultValue TransactionOutbox transactionOutbox,
        @DefaultValue Namastack namastack) {

    /** Whether there is a bridge, and what it may do. */
    enum Mode {
        /** There is none. */
        OFF,
        /** It only counts: for as long as instances of the old version run. */
        WATCH,
        /** It takes rows: only once no instance of the old version runs any more, and none is started again. */
        DRAIN
    }

    BridgeSettings settings(Mode mode) {
        return new BridgeSettings(
                mode == Mode.DRAIN ? BridgeMode.DRAIN : BridgeMode.WATCH,
                batchRows,
                maxRate,
                quietPeriod,
                interval,
                retryLeft);
    }

    /**
     * From Spring Modulith.
     *
     * @param mode drain only once no instance of the old version runs any more
     * @param table its table
     * @param listeners whose publications are taken, by the ids of the listeners; * stands for anything
     * @param topics where events go, by the names of their classes as the table has them
     * @param types the logical names of their types in messages, by the same names; by default that of the class
     */
    record Modulith(
            @DefaultValue("off") Mode mode,
            @DefaultValue(Peer.Modulith.TABLE) String table,
            @DefaultValue(Peer.Modulith.EXTERNALIZERS) List<String> listeners,
            @DefaultValue Map<String, String> topics,
            @DefaultValue Map<String, String> types) {}

    /**
     * From transaction-outbox. Its rows are method calls: a bean of type TallyBridgeMapping says which messages they become.
     *
     * @param mode drain only once no instance of the old version runs any more
     * @param table its table
     */
    record TransactionOutbox(
            @DefaultValue("off") Mode mode,
            @DefaultValue(Peer.TransactionOutbox.TABLE) String table) {}

    /**
     * From namastack-outbox.
     *
     * @param mode drain only once no instance of the old version runs any more
     * @param table its table
     * @param instanceTable its table of instances
     * @param handlers whose records are taken, by the ids of the handlers; * stands for anything. Needed unless a bean of
     *     type TallyBridgeMapping maps, since there is a record for each handler of a payload
     * @param topics where payloads go, by the names of their classes as the table has them
     * @param types the logical names of their types in messages, by the same names; by default that of the class
     */
    record Namastack(
            @DefaultValue("off") Mode mode,
            @DefaultValue(Peer.Namastack.TABLE) String table,
            @DefaultValue(Peer.Namastack.INSTANCE_TABLE) String instanceTable,
            @DefaultValue List<String> handlers,
            @DefaultValue Map<String, String> topics,
            @DefaultValue Map<String, String> types) {}
}
