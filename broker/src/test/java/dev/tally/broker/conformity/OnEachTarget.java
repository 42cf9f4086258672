package dev.tally.broker.conformity;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that holds on our broker and on a real RocketMQ alike. It runs once on each, with a {@link Trial} as its
 * parameter, and beside other tests of the suite.
 */
@java.lang.annotation.Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@Tag("conformity")
@ExtendWith(EachTarget.class)
@interface OnEachTarget {}
