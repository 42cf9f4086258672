package dev.tally.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observations that Tally makes, and their keys. Keys of OpenTelemetry's semantic conventions have its names and
 * values.
 *
 * @since 0.1
 */
public enum MessageObservationDocumentation implements ObservationDocumentation {

    /**
     * A message is published in a transaction. With tracing, the span is a producer's, and its context is written into the
     * message's headers. It ends when the message waits for the commit, not when the broker has it.
     */
    PUBLISH {
        @Override
        public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
            return DefaultMessagePublishObservationConvention.class;
        }

        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return new KeyName[] {Keys.SYSTEM, Keys.OPERATION_NAME, Keys.OPERATION_TYPE, Keys.DESTINATION, Keys.VIA};
        }

        @Override
        public KeyName[] getHighCardinalityKeyNames() {
            return new KeyName[] {Keys.MESSAGE_ID, Keys.ERROR_TYPE};
        }
    },

    /**
     * A delivery of a message is processed: from reading its payload to the commit of the handler's transaction. With
     * tracing, the span is a consumer's, and a child of the one in the message's headers.
     */
    PROCESS {
        @Override
        public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
            return DefaultMessageProcessObservationConvention.class;
        }

        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return new KeyName[] {
                Keys.SYSTEM,
                Keys.OPERATION_NAME,
                Keys.OPERATION_TYPE,
                Keys.DESTINATION,
                Keys.CONSUMER_GROUP,
                Keys.OUTCOME
            };
        }

        @Override
        public KeyName[] getHighCardinalityKeyNames() {
            return new KeyName[] {Keys.MESSAGE_ID, Keys.ATTEMPT, Keys.ERROR_TYPE};
        }
    },

    /**
     * A commit waits until the broker has stored the half messages of its transaction. Not observed where nobody waits,
     * because the circuit breaker is open.
     */
    HALF_PREPARE {
        @Override
        public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
            return DefaultHalfPrepareObservationConvention.class;
        }

        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return new KeyName[] {Keys.SYSTEM, Keys.OUTCOME};
        }

        @Override
        public KeyName[] getHighCardinalityKeyNames() {
            return new KeyName[] {Keys.TRANSACTION_ID, Keys.MESSAGE_COUNT};
        }
    };

    /** The keys of these observations. */
    public enum Keys implements KeyName {
        /** The transport, such as {@code rocketmq}. */
        SYSTEM("messaging.system"),
        /** {@code publish} or {@code process}. */
        OPERATION_NAME("messaging.operation.name"),
        /** {@code send} or {@code process}. */
        OPERATION_TYPE("messaging.operation.type"),
        /** The topic. */
        DESTINATION("messaging.destination.name"),
        /** The group that processes the message. */
        CONSUMER_GROUP("messaging.consumer.group.name"),
        /** The message's id. */
        MESSAGE_ID("messaging.message.id"),
        /** How many half messages are prepared together. */
        MESSAGE_COUNT("messaging.batch.message_count"),
        /** How the message leaves, {@code outbox} or {@code half_message}. */
        VIA("tally.publish.via"),
        /**
         * Of processing {@code handled}, {@code duplicate}, {@code failed} or {@code dead_lettered}; of preparing
         * {@code prepared}, {@code fell_back} or {@code failed}; {@code unknown} until then.
         */
        OUTCOME("outcome"),
        /** Which delivery of the message it is, from 1. */
        ATTEMPT("tally.delivery.attempt"),
        /** The local transaction, as the ledger knows it. */
        TRANSACTION_ID("tally.transaction.id"),
        /** The class of the exception, where there was one. */
        ERROR_TYPE("error.type");

        private final String key;

        Keys(String key) {
            this.key = key;
        }

        @Override
        public String asString() {
            return key;
        }
    }
}
