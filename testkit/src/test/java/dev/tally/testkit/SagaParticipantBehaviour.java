package dev.tally.testkit;

/** What participants do beyond the barrier's guarantees. */
abstract class SagaParticipantBehaviour extends SagaBarrierContract {}
