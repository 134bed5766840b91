"""Cards of which nothing has been heard: what does D1 say when it is asked?"""
