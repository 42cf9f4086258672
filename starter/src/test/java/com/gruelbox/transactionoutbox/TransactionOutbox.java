package com.gruelbox.transactionoutbox;

/** Stands for the interface of the library with this name, which is not on this class path. */
public interface TransactionOutbox {}
