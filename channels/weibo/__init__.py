"""Sina Weibo: posts with a link (`share`) or headline articles (`article`)."""
