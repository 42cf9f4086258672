package dev.tally.testkit.saga;

import dev.tally.message.TallyException;

/** Something of the user's fails, because the seed says so. */
final class InjectedFailure extends TallyException {

    InjectedFailure(String what) {
        super("TALLY-TESTKIT-INJECTED", what);
    }
}
