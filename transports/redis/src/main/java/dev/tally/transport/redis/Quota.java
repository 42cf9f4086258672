package dev.tally.transport.redis;

import java.util.Comparator;
import java.util.List;

/** How many partitions a member is to have. */
final class Quota {

    private Quota() {}

    /**
     * As many as the others, or one more: partitions that are left over go to the first members in an order that is another
     * for each group and topic. All members that know the same names come to numbers that add up to all partitions.
     *
     * @param salt names the group and the topic
     * @return 0 for who is not among the members
     */
    static int of(String member, List<String> members, int partitions, String salt) {
        List<String> ordered = members.stream()
                .sorted(Comparator.<String>comparingInt(each -> (salt + each).hashCode())
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        int rank = ordered.indexOf(member);
        if (rank < 0) {
            return 0;
        }
        return partitions / members.size() + (rank < partitions % members.size() ? 1 : 0);
    }
}
