package dev.tally.benchmarks.shop;

/** Commands, and the answers of what is written by hand. */
final class ShopMessages {

    private ShopMessages() {}

    record Reserve(long purchase, String customer) {}

    record Release(long purchase) {}

    record Bill(long purchase, long cents) {}

    record Withdraw(long purchase) {}

    record Charge(long purchase, String customer, long cents) {}

    /** To somebody who never answers. */
    record Ask(long purchase) {}

    /** Undoes that, at somebody who does. */
    record CallOff(long purchase) {}

    /** @param step the one that is done, from 1 */
    record StepDone(long purchase, int step) {}
}
