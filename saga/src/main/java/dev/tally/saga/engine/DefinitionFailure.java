package dev.tally.saga.engine;

import dev.tally.message.TallyException;
import dev.tally.saga.store.Parking;

/** A saga cannot go on with the definition that is here; it has to be parked. */
final class DefinitionFailure extends TallyException {

    private final String sagaId;
    private final Parking parking;

    DefinitionFailure(String sagaId, Parking parking, Throwable cause) {
        super("TALLY-SAGA-DEFINITION-FAILED", parking.reason(), cause);
        this.sagaId = sagaId;
        this.parking = parking;
    }

    DefinitionFailure(String sagaId, Parking parking) {
        super("TALLY-SAGA-DEFINITION-FAILED", parking.reason());
        this.sagaId = sagaId;
        this.parking = parking;
    }

    String sagaId() {
        return sagaId;
    }

    Parking parking() {
        return parking;
    }
}
