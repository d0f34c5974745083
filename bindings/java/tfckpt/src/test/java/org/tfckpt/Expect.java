package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;

/** What the tests have in common. */
final class Expect {
    private Expect() {}

    static TfckptException fails(Status status, Executable call) {
        TfckptException e = assertThrows(TfckptException.class, call);
        assertEquals(status, e.status(), e.getMessage());
        return e;
    }

    /** How a call ends: null where it succeeds. */
    static TfckptException outcome(Runnable call) {
        try {
            call.run();
            return null;
        } catch (TfckptException e) {
            return e;
        }
    }

    static String statusOf(TfckptException outcome) {
        return outcome == null ? "OK" : outcome.status().name();
    }
}
