"""The drill: the proof that a post is out exactly once, whatever crashes, times out or repeats.

The true engine runs against the emulated platforms in one process, by a clock that the drill moves. A `Story`
says what goes wrong and when, `play` lets it happen, and the `Verdict` compares what the platforms show with
what was signed. The same story always takes the same course, so a seed is enough to see it again.
"""
