package dev.tally.transport.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.junit.jupiter.api.Test;

class OpenMessagesTest {

    private final OpenMessages open = new OpenMessages();
    private final BitSet unacknowledged = new BitSet();

    /** A message of a batch of three, as the client names it: what is set is not acknowledged. */
    private final class OfBatch implements MessageIdAdv {

        private final int index;

        OfBatch(int index) {
            this.index = index;
        }

        @Override
        public long getLedgerId() {
            return 1;
        }

        @Override
        public long getEntryId() {
            return 2;
        }

        @Override
        public int getBatchIndex() {
            return index;
        }

        @Override
        public int getBatchSize() {
            return 2;
        }

        @Override
        public BitSet getAckSet() {
            return unacknowledged;
        }

        @Override
        public byte[] toByteArray() {
            return new byte[0];
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof OfBatch that && that.index == index;
        }

        @Override
        public int hashCode() {
            return index;
        }
    }

    @Test
    void keepsWhatIsAcknowledgedOfABatchUntilAllOfItIs() {
        unacknowledged.set(0, 2);
        OpenMessages.Open first = open.arrived(new OfBatch(0)).message();
        OpenMessages.Open second = open.arrived(new OfBatch(1)).message();

        unacknowledged.clear(0);
        first.acknowledge();
        open.confirmed(first);
        OpenMessages.Arrival again = open.arrived(new OfBatch(0));
        assertThat(again.first()).isFalse();
        assertThat(again.message()).isSameAs(first);

        unacknowledged.clear(1);
        second.acknowledge();
        open.confirmed(second);
        assertThat(open.size()).isZero();
        assertThat(open.arrived(new OfBatch(0)).first()).isTrue();
    }
}
