package dev.tally.architecture.planted.signature;

import dev.tally.architecture.planted.signature.internal.Secret;
import java.util.List;

/** Planted: shows an internal type as return, parameter and field; the private use is fine. */
public class ShowsInternal {

    public final Secret field = new Secret();
    private final Secret hidden = new Secret();

    public List<Secret> returned() {
        return List.of(hidden);
    }

    public int taken(Secret[] secrets) {
        return secrets.length;
    }
}
